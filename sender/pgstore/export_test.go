package pgstore

// Forget empties what the store keeps in memory, as another process would have it.
func (s *Store) Forget() { s.records, s.events = newRecords(), newEvents() }

// SQLOldestDue is how OldestDue asks.
const SQLOldestDue = sqlOldestDue
