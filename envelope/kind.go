package envelope

// Kind is one kind of event together with the Go type of its payload. Packages kirim, meta and kirisan declare those
// of their dialects; declare your own with [NewKind]. A Kind is immutable and safe for concurrent use.
type Kind[P any] struct {
	source Source
	typ    string
	decode func(body []byte) (P, error)
}

// NewKind declares the kind of events of source s whose type is typ. decode gets the whole body. It should accept
// fields it does not know.
func NewKind[P any](s Source, typ string, decode func(body []byte) (P, error)) Kind[P] {
	return Kind[P]{source: s, typ: typ, decode: decode}
}

// Source returns the source whose bodies carry this kind.
func (k Kind[P]) Source() Source { return k.source }

// Type returns the event type, such as "contact.created".
func (k Kind[P]) Type() string { return k.typ }

// Decode reads the payload out of a whole body.
func (k Kind[P]) Decode(body []byte) (P, error) { return k.decode(body) }
