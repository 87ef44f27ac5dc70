package kirim

import "github.com/kirimhooks/kirimhooks/internal/id"

// NewID returns prefix and 26 random characters of upper-case Crockford base32, 130 bits of crypto/rand: "evt_…",
// "wbd_…". Such an id is opaque: it carries no time and does not sort
// (https://developers.kirim.chat/concepts/resource-ids/).
func NewID(prefix string) string { return id.New(prefix) }
