package console

import (
	"embed"

	"github.com/kirimhooks/kirimhooks/internal/dashboard"
)

//go:embed templates
var files embed.FS

// languages are what the pages say. english.go and indonesian.go hold every text that only this dashboard has.
var languages = dashboard.New(files, dashboard.Texts{English: english, Indonesian: indonesian}, nil)
