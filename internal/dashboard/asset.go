package dashboard

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
)

//go:embed static templates
var files embed.FS

var assetTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// AssetVersion changes with any of the static files. It stands in their addresses, so that browsers may keep them.
var AssetVersion = versionOf(files, "static")

func versionOf(f fs.FS, dir string) string {
	h := sha256.New()
	err := fs.WalkDir(f, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(f, name)
		_, _ = h.Write(text)
		return err
	})
	if err != nil {
		panic(err) // they are part of the program
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// ServeAsset answers with a static file, and reports whether there is one of that name.
func ServeAsset(w http.ResponseWriter, r *http.Request, name string) bool {
	text, err := files.ReadFile("static/" + name)
	kind := assetTypes[path.Ext(name)]
	if err != nil || kind == "" || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return false
	}
	w.Header().Set("Content-Type", kind)
	if r.URL.Query().Get("v") == AssetVersion {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(text)
	return true
}
