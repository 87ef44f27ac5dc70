package harness

import (
	"context"

	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/driver"
)

// Backend is a durable store that several processes share.
type Backend struct {
	Name string
	// Open opens it at address, a file or a connection string, as one process of many.
	Open func(ctx context.Context, address string) (*Opened, error)
}

// Opened is a store as one process has it, in a database in which the host keeps orders of its own.
type Opened struct {
	Store sender.Store
	// Prepare makes the tables, the store's and the host's. The parent calls it before there are workers.
	Prepare func(ctx context.Context) error
	// Order puts an order into the host's table and calls publish, in one transaction. Then it commits, or rolls back
	// on an error of publish. An order that is there already is no error.
	Order func(ctx context.Context, id string, publish func(driver.Enqueuer) error) error
	// Orders lists them.
	Orders func(ctx context.Context) ([]string, error)
	Close  func()
}
