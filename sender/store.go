package sender

import "github.com/kirimhooks/kirimhooks/sender/driver"

// Store is the database beneath a [Sender]: see package memstore and the modules sqlitestore and pgstore. Package
// driver says what it has to do, for whoever writes another.
type Store = driver.Store
