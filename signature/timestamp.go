package signature

import "time"

// DefaultTolerance is how far the time of a signature may lie from now, in either direction. The recipe at
// https://developers.kirim.chat/webhooks/signing/ and the Standard Webhooks libraries have the same.
const DefaultTolerance = 5 * time.Minute

// maxUnix is the last second of eleven digits, in the year 5138.
const maxUnix = 99_999_999_999

// parseUnix reads canonical decimal: no sign, no leading zero, at most eleven digits. Two spellings of one time would
// be two signed texts that mean the same.
func parseUnix(s string) (int64, bool) {
	if s == "" || len(s) > 11 || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int64(d)
	}
	return n, true
}

// checkAge compares whole seconds, as the vendors' recipes do. A difference of exactly the tolerance is fine.
func checkAge(signed int64, now time.Time, tolerance time.Duration) error {
	if tolerance < 0 {
		return nil
	}
	if tolerance == 0 {
		tolerance = DefaultTolerance
	}
	limit := int64(tolerance / time.Second)
	switch age := now.Unix() - signed; {
	case age > limit:
		return ErrTooOld
	case -age > limit:
		return ErrTooNew
	}
	return nil
}
