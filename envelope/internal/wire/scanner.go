// Package wire reads JSON the way the dialects need it. It reads in one strict pass, builds no value that nobody asked
// for, and its errors never quote what they read.
package wire

// MaxDepth is how deeply objects and arrays may nest. The outermost object is at depth 1.
const MaxDepth = 64

// Scanner walks one JSON text. It accepts exactly the grammar of encoding/json, but nests at most [MaxDepth] deep.
// A callback must consume the one value it stands at. After an error the Scanner is of no use.
//
// It is tempting to take json.Decoder's tokens instead, but they allocate for every value and do not give a value's
// raw bytes.
type Scanner struct {
	data  []byte
	pos   int
	depth int
}

// NewScanner stands before the first byte of data.
func NewScanner(data []byte) Scanner { return Scanner{data: data} }

// Object reads an object and calls member at each value. key is decoded and valid during the call only.
func (s *Scanner) Object(member func(key []byte) error) error {
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	for more := s.Peek() != '}'; more; more = s.comma() {
		quoted, err := s.key()
		if err != nil {
			return err
		}
		if err := member(unquote(quoted)); err != nil {
			return err
		}
	}
	return s.close('}')
}

// Array reads an array and calls element at each value.
func (s *Scanner) Array(element func() error) error {
	if err := s.open('[', "an array"); err != nil {
		return err
	}
	for more := s.Peek() != ']'; more; more = s.comma() {
		if err := element(); err != nil {
			return err
		}
	}
	return s.close(']')
}

// Value reads one value of any type and returns its bytes.
func (s *Scanner) Value() ([]byte, error) {
	s.Peek()
	start := s.pos
	err := s.Skip()
	return s.data[start:s.pos:s.pos], err
}

// Skip reads one value of any type.
func (s *Scanner) Skip() error {
	switch c := s.Peek(); c {
	case '{':
		return s.Object(func([]byte) error { return s.Skip() })
	case '[':
		return s.Array(s.Skip)
	default:
		return s.scalar(c)
	}
}

// Peek passes white space and returns the byte that follows it, 0 at the end.
func (s *Scanner) Peek() byte {
	data, i := s.data, s.pos
	for ; i < len(data); i++ {
		if c := data[i]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			s.pos = i
			return c
		}
	}
	s.pos = i
	return 0
}

// End fails unless only white space is left.
func (s *Scanner) End() error {
	if s.Peek(); s.pos < len(s.data) {
		return s.unexpected("the end")
	}
	return nil
}

func (s *Scanner) open(c byte, want string) error {
	if s.Peek() != c {
		return s.unexpected(want)
	}
	if s.depth == MaxDepth {
		return s.Fault("nesting deeper than 64")
	}
	s.depth++
	s.pos++
	return nil
}

func (s *Scanner) close(c byte) error {
	if s.Peek() != c {
		return s.unexpected("a comma or " + string(c))
	}
	s.depth--
	s.pos++
	return nil
}

func (s *Scanner) comma() bool {
	if s.Peek() != ',' {
		return false
	}
	s.pos++
	return true
}

// key reads a key and its colon and returns the key as it stands, in quotes.
func (s *Scanner) key() ([]byte, error) {
	if s.Peek() != '"' {
		return nil, s.unexpected("a key")
	}
	start := s.pos
	if err := s.str(); err != nil {
		return nil, err
	}
	quoted := s.data[start:s.pos]
	if s.Peek() != ':' {
		return nil, s.unexpected("a colon")
	}
	s.pos++
	return quoted, nil
}
