package dashboard

import (
	"regexp"
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
