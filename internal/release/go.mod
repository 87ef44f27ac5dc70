module github.com/kirimhooks/kirimhooks/internal/release

go 1.25.0

require (
	github.com/kirimhooks/kirimhooks v0.1.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/mod v0.34.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect

replace github.com/kirimhooks/kirimhooks => ../..
