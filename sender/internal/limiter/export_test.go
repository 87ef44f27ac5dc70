package limiter

// Lanes is how many lanes are remembered.
func (l *Limiter[T]) Lanes() int { return len(l.lanes) }

// Remembers reports whether a lane is.
func (l *Limiter[T]) Remembers(id string) bool { return l.lanes[id] != nil }
