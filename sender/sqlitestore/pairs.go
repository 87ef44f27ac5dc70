package sqlitestore

import "strconv"

// pairs is a JSON object of numbers by number, for json_each: one statement for a batch costs a fraction of one for each
// row of it.
type pairs []byte

func (p *pairs) add(key, value int64) {
	b := append(*p, "{,"[min(len(*p), 1)], '"')
	b = append(strconv.AppendInt(b, key, 10), '"', ':')
	*p = strconv.AppendInt(b, value, 10)
}

func (p pairs) text() string { return string(p) + "}" }

// numbers is the same for a JSON list.
type numbers []byte

func (l *numbers) add(n int64) { *l = strconv.AppendInt(append(*l, "[,"[min(len(*l), 1)]), n, 10) }

func (l numbers) text() string { return string(l) + "]" }
