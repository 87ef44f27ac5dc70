module github.com/kirimhooks/kirimhooks/sender/console

go 1.25.0

replace github.com/kirimhooks/kirimhooks => ../..

require (
	github.com/kirimhooks/kirimhooks v0.1.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/net v0.57.0
)

require (
	github.com/cenkalti/backoff/v4 v4.3.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)
