package pgstore

// Overlap is what [driver.Store] says of it: of two transactions one is with the disk while the other is with a
// processor. More cost more than they bring.
func (s *Store) Overlap() int { return 2 }
