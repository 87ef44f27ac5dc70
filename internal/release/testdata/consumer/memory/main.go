package main

import (
	"context"

	"example.com/stranger/publish"
	"github.com/kirimhooks/kirimhooks/sender/memstore"
)

func main() { publish.Through(context.Background(), memstore.New()) }
