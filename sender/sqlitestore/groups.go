package sqlitestore

// groups gathers what is alike, in the order in which it came first.
type groups[K comparable, G any] struct {
	keys []K
	of   map[K]*G
}

func (g *groups[K, G]) at(key K) *G {
	if known := g.of[key]; known != nil {
		return known
	}
	if g.of == nil {
		g.of = map[K]*G{}
	}
	made := new(G)
	g.keys, g.of[key] = append(g.keys, key), made
	return made
}
