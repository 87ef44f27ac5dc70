package memstore

import "strings"

// texts keeps each string once, for as long as somebody holds it: reasons, error classes and answers repeat, and a
// reference is 4 bytes that the garbage collector need not look at. Reference 0 is "".
type texts struct {
	refs  map[string]uint32
	slots slab[text]
}

type text struct {
	s       string
	holders int
}

func (t *texts) hold(s string) uint32 {
	if s == "" {
		return 0
	}
	ref, ok := t.refs[s]
	if !ok {
		ref = t.slots.add()
		t.slots.at(ref).s = s
		t.refs[s] = ref
	}
	t.slots.at(ref).holders++
	return ref
}

func (t *texts) drop(ref uint32) {
	if ref == 0 {
		return
	}
	x := t.slots.at(ref)
	if x.holders--; x.holders == 0 {
		delete(t.refs, x.s)
		t.slots.remove(ref)
	}
}

func (t *texts) get(ref uint32) string {
	if ref == 0 {
		return ""
	}
	return t.slots.at(ref).s
}

// legible is s as every store can keep it: what became of a delivery is written down, whatever its words.
func legible(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
