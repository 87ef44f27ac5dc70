package kirisan

import "github.com/kirimhooks/kirimhooks/envelope/internal/wire"

// Location is a place in degrees. Latitude and Longitude read numbers and strings alike.
type Location struct {
	Latitude   float64 `json:"latitude"`
	Longitude  float64 `json:"longitude"`
	Coordinate string  `json:"coordinate,omitempty"` // "latitude,longitude"
}

// UnmarshalJSON fails where a member does not read: a wrong place is worse than none.
func (l *Location) UnmarshalJSON(b []byte) error {
	type plain Location
	return wire.Decode(b, (*plain)(l))
}
