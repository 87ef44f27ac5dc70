package pgstore

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// literal writes a slice as Postgres reads an array in text form; database/sql has no arrays, and each driver another
// way around that. What is no slice stays as it is.
func literal(v any) any {
	switch v := v.(type) {
	case []string:
		return array(v, quoted)
	case [][]byte:
		return array(v, func(b []byte) string { return `"\\x` + hex.EncodeToString(b) + `"` })
	case []bool:
		return array(v, strconv.FormatBool)
	case []int32:
		return array(v, func(n int32) string { return strconv.FormatInt(int64(n), 10) })
	case []*time.Time:
		return array(v, func(t *time.Time) string {
			if t == nil {
				return "NULL"
			}
			return quoted(t.UTC().Format(time.RFC3339Nano))
		})
	}
	return v
}

// filled is for where NULL in an array would be a word: no time that is given is that one.
func filled(times []*time.Time) []*time.Time {
	list := slices.Clone(times)
	for i, t := range list {
		if t == nil {
			list[i] = &firstTime
		}
	}
	return list
}

func array[T any](list []T, write func(T) string) any {
	if list == nil {
		return nil
	}
	var b strings.Builder
	b.WriteByte('{')
	for i, v := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(write(v))
	}
	b.WriteByte('}')
	return b.String()
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quoted(s string) string { return `"` + escape.Replace(s) + `"` }

// numbers reads a list of them with commas between.
func numbers(text *string) ([]int64, error) {
	if text == nil || *text == "" {
		return nil, nil
	}
	list := make([]int64, 0, strings.Count(*text, ",")+1)
	for part := range strings.SplitSeq(*text, ",") {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

// tids reads a list of places in the heap, (block,offset), with semicolons between.
func tids(text *string) ([]pgtype.TID, error) {
	if text == nil || *text == "" {
		return nil, nil
	}
	list := make([]pgtype.TID, 0, strings.Count(*text, ";")+1)
	for part := range strings.SplitSeq(*text, ";") {
		block, offset, ok := strings.Cut(strings.Trim(part, "()"), ",")
		b, err := strconv.ParseUint(block, 10, 32)
		o, err2 := strconv.ParseUint(offset, 10, 16)
		if !ok || err != nil || err2 != nil {
			return nil, fmt.Errorf("%q is no place in the heap", part)
		}
		list = append(list, pgtype.TID{BlockNumber: uint32(b), OffsetNumber: uint16(o), Valid: true})
	}
	return list, nil
}
