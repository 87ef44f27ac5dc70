package envelope

import "github.com/kirimhooks/kirimhooks/envelope/internal/wire"

// Printable is the one rule for ids, types, devices and channels: 1 to limit bytes of printable ASCII. A space at
// either end is refused, since HTTP would trim it. The limit is 255, for types 128. What one end reads the other
// publishes, so both ask here.
func Printable(s string, limit int) bool { return wire.Printable(s, limit) }
