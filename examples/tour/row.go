package main

import (
	"maps"
	"slices"
	"strings"
)

// row is what was handled as one Go type.
type row struct {
	payload  string
	bodies   int
	types    []string
	channels []string
}

func (r row) String() string {
	if len(r.channels) == 0 {
		return abbreviated(r.types)
	}
	return abbreviated(r.types) + " on " + strings.Join(r.channels, ", ")
}

func byPayload(arrived []handled) []row {
	rows := map[string]row{}
	for _, h := range arrived {
		r := rows[h.payload]
		r.payload = h.payload
		r.bodies++
		r.types = include(r.types, h.Type)
		if h.Channel != "" {
			r.channels = include(r.channels, h.Channel)
		}
		rows[h.payload] = r
	}
	return slices.SortedFunc(maps.Values(rows), func(a, b row) int {
		return strings.Compare(strings.TrimLeft(a.payload, "*"), strings.TrimLeft(b.payload, "*"))
	})
}

// include adds a name to a sorted set of them.
func include(names []string, name string) []string {
	i, has := slices.BinarySearch(names, name)
	if has {
		return names
	}
	return slices.Insert(names, i, name)
}

// abbreviated lists sorted types and writes what they begin with only once: contact.created|updated.
func abbreviated(types []string) string {
	list, family := "", ""
	for _, t := range types {
		name, _, _ := strings.Cut(t, ".")
		switch {
		case list == "":
			list = t
		case name == family:
			list += "|" + strings.TrimPrefix(t, family+".")
		default:
			list += ", " + t
		}
		family = name
	}
	return list
}
