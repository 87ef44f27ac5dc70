package kirim

import "crypto/rand"

// NewID returns prefix and 26 random characters of upper-case Crockford base32, 130 bits of crypto/rand: "evt_…",
// "wbd_…". Such an id is opaque: it carries no time and does not sort
// (https://developers.kirim.chat/concepts/resource-ids/).
func NewID(prefix string) string {
	const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	id := make([]byte, len(prefix)+26)
	random := id[copy(id, prefix):]
	rand.Read(random)
	for i, b := range random {
		random[i] = crockford[b&31]
	}
	return string(id)
}
