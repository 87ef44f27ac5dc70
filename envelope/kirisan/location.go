package kirisan

import (
	"errors"
	"strconv"

	"github.com/kirimhooks/kirimhooks/envelope/internal/wire"
)

// Location is a place in degrees. Latitude and Longitude read numbers and strings alike.
type Location struct {
	Latitude   float64 `json:"latitude"`
	Longitude  float64 `json:"longitude"`
	Coordinate string  `json:"coordinate,omitempty"` // "latitude,longitude"
}

// UnmarshalJSON takes degrees as numbers or strings. It fails where they are neither: a wrong place is worse than none.
func (l *Location) UnmarshalJSON(b []byte) error {
	type plain Location
	v := struct {
		*plain
		Latitude  wire.Loose `json:"latitude"`
		Longitude wire.Loose `json:"longitude"`
	}{plain: (*plain)(l)}
	if err := wire.Unmarshal(b, &v); err != nil {
		return err
	}
	var errs [2]error
	l.Latitude, errs[0] = degrees(v.Latitude)
	l.Longitude, errs[1] = degrees(v.Longitude)
	return errors.Join(errs[:]...)
}

func degrees(s wire.Loose) (float64, error) {
	if s == "" {
		return 0, nil
	}
	d, err := strconv.ParseFloat(string(s), 64)
	if err != nil {
		return 0, errors.New("latitude or longitude is not a number")
	}
	return d, nil
}
