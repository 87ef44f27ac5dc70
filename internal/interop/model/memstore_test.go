package model_test

import (
	"testing"

	"github.com/kirimhooks/kirimhooks/internal/interop/model"
	"github.com/kirimhooks/kirimhooks/sender"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

func TestMemstore(t *testing.T) {
	model.Check(t, model.Harness{Open: func(*testing.T) sender.Store { return memstore.New() }})
}
