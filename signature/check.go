package signature

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	errUnseen = fmt.Errorf("%w: it begins or ends with white space or what cannot be seen, such as a byte order mark",
		ErrNoSecret)
	errQuote = fmt.Errorf("%w: it begins or ends with a quotation mark, which a file or a shell has left there",
		ErrNoSecret)
)

// CheckSecret reports whether the text of secret can have been shown to somebody: nil, or an error that wraps
// [ErrNoSecret] and gives the reason. White space, control characters, a byte order mark or a quotation mark at either
// end come from a file or a shell. No signature would ever match. An absent secret is refused too.
//
// [Keyring.Replace], [ParseKeyring], the dialects of package receiver and the contracts of package sender ask it.
func CheckSecret(secret Secret) error {
	m := secret.material()
	if m == nil {
		return ErrNoSecret
	}
	first, _ := utf8.DecodeRuneInString(m.text)
	last, _ := utf8.DecodeLastRuneInString(m.text)
	switch {
	case unseen(first) || unseen(last):
		return errUnseen
	case isQuote(first) || isQuote(last):
		return errQuote
	}
	return nil
}

// unseen tells what leaves no mark where it stands: white space, control characters, and formats such as U+FEFF and
// U+200B.
func unseen(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

func isQuote(r rune) bool { return strings.ContainsRune("\"'`\u201c\u201d\u2018\u2019", r) }
