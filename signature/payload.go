package signature

import "strings"

const maxIDLength = 255

// layout is what the Payload of a Scheme says.
type layout struct {
	time, id bool
	inside   bool // the time stands in Header
	endOfID  byte // what follows {id}
}

// layout also reports whether s proves what it seems to. Payload must hold known parts, told apart, and end with the
// body. Each part needs a place it comes from.
func (s *Scheme) layout() (l layout, sound bool) {
	rest := s.Payload
	for first := true; ; first = false {
		open := strings.IndexByte(rest, '{')
		if open < 0 || open == 0 && !first {
			return l, false
		}
		part := rest[open:]
		switch {
		case part == "{body}":
			l.inside = l.time && s.TimeHeader == ""
			asymmetric := s.Ed25519Prefix != ""
			return l, s.Header != "" && (s.IDHeader != "" || !l.id) && (s.Separator != "" || !l.inside && !asymmetric) &&
				(s.Ed25519Prefix != s.Prefix || !asymmetric)
		case strings.HasPrefix(part, "{t}"):
			l.time, rest = true, part[len("{t}"):]
		case strings.HasPrefix(part, "{id}") && len(part) > len("{id}"):
			l.id, rest = true, part[len("{id}"):]
			l.endOfID = rest[0]
		default:
			return l, false
		}
	}
}

// most is how many secrets Header has room for.
func (s *Scheme) most(l layout) int {
	switch {
	case s.Separator == "":
		return 1
	case l.inside:
		return maxEntries - 1
	}
	return maxEntries
}

// takesID tells whether id can be signed: what ends it in Payload must not stand in it, or two requests would have one
// signed text.
func (l layout) takesID(id string) bool {
	if id == "" || len(id) > maxIDLength {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c > '~' || c == l.endOfID {
			return false
		}
	}
	return true
}

// appendHead appends what is signed before the body.
func (s *Scheme) appendHead(dst []byte, id, t string) []byte {
	rest := s.Payload
	for {
		open := strings.IndexByte(rest, '{')
		dst = append(dst, rest[:open]...)
		switch rest = rest[open:]; {
		case strings.HasPrefix(rest, "{t}"):
			dst, rest = append(dst, t...), rest[len("{t}"):]
		case strings.HasPrefix(rest, "{id}"):
			dst, rest = append(dst, id...), rest[len("{id}"):]
		default:
			return dst
		}
	}
}
