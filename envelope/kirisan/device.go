package kirisan

import "strings"

// SameDevice tells whether a and b name one device. A phone number is the same with or without +, spaces, dashes,
// dots and brackets; a token is compared as it stands.
func SameDevice(a, b string) bool {
	return a == b || PlainDevice(a) == PlainDevice(b)
}

// PlainDevice returns what [SameDevice] compares: the digits of a phone number, and anything else without the spaces at
// its ends.
func PlainDevice(device string) string {
	device = strings.TrimSpace(device)
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune("+-.() ", r) {
			return -1
		}
		return r
	}, device)
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return device
	}
	return digits
}
