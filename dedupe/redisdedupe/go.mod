module github.com/kirimhooks/kirimhooks/dedupe/redisdedupe

go 1.25.0

replace github.com/kirimhooks/kirimhooks => ../..

require (
	github.com/kirimhooks/kirimhooks v0.1.0
	github.com/redis/go-redis/v9 v9.14.1
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dgryski/go-rendezvous v0.0.0-20200823014737-9f7001d12a5f // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)
