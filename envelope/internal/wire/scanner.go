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

// Skip reads one value of any type. The kinds of the open containers are the bits of a word (1 = object), innermost
// lowest, so that nothing recurses.
func (s *Scanner) Skip() error {
	outside, kinds := s.depth, uint64(0)
	for {
		c := s.Peek()
		switch {
		case c == '{' || c == '[':
			if err := s.open(c, "a value"); err != nil {
				return err
			}
			kinds = kinds<<1 | isObject(c)
			if s.Peek() != c+2 { // not yet its closing twin
				if err := s.keyIf(kinds); err != nil {
					return err
				}
				continue
			}
		default:
			if err := s.scalar(c); err != nil {
				return err
			}
		}
		for s.depth > outside && !s.comma() {
			if err := s.close(closing(kinds)); err != nil {
				return err
			}
			kinds >>= 1
		}
		if s.depth == outside {
			return nil
		}
		if err := s.keyIf(kinds); err != nil {
			return err
		}
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

func (s *Scanner) keyIf(kinds uint64) error {
	if kinds&1 == 0 {
		return nil
	}
	_, err := s.key()
	return err
}

func isObject(c byte) uint64 {
	if c == '{' {
		return 1
	}
	return 0
}

func closing(kinds uint64) byte {
	if kinds&1 == 1 {
		return '}'
	}
	return ']'
}
