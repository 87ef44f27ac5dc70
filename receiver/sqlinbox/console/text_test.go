package console

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Both languages have the same texts, with the same place-holders.
func TestLanguagesSayTheSame(t *testing.T) {
	holder := regexp.MustCompile(`%[^%\s]*?[sdfv]`)
	for key, text := range english {
		other, ok := indonesian[key]
		require.True(t, ok || strings.HasSuffix(key, ".one"), "indonesian has no %s", key)
		if ok {
			require.Equal(t, holder.FindAllString(text, -1), holder.FindAllString(other, -1), key)
		}
	}
	for key := range indonesian {
		require.Contains(t, english, key)
	}
}

// What templates and code say is there, and nothing is that nobody says.
func TestEveryTextIsUsed(t *testing.T) {
	var source strings.Builder
	pages, err := fs.Glob(files, "templates/*.html")
	require.NoError(t, err)
	said := regexp.MustCompile(`(?:say|count) "([^"]+)"`)
	for _, name := range pages {
		text, err := fs.ReadFile(files, name)
		require.NoError(t, err)
		source.Write(text)
		for _, found := range said.FindAllStringSubmatch(string(text), -1) {
			require.True(t, languages[0].Has(found[1]), "%s: %s", name, found[1])
		}
	}
	code, err := filepath.Glob("../../../internal/dashboard/templates/*.html") // say what this dashboard says otherwise
	require.NoError(t, err)
	own, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range append(code, own...) {
		if name == "english.go" || name == "indonesian.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		source.Write(text)
	}
	all := source.String()
	for _, key := range slices.Sorted(maps.Keys(english)) {
		made := slices.ContainsFunc(prefixes(key), func(p string) bool { return strings.Contains(all, `"`+p+`"`) })
		require.True(t, made || strings.Contains(all, `"`+strings.TrimSuffix(key, ".one")+`"`), "nobody says %s", key)
	}
}

// prefixes are what code may put together a key from: "state." of "state.dead".
func prefixes(key string) (list []string) {
	for i, r := range key {
		if r == '.' {
			list = append(list, key[:i+1])
		}
	}
	return list
}
