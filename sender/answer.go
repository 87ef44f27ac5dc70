package sender

import (
	"bytes"
	"strings"

	"github.com/kirimhooks/kirimhooks/internal/egress"
	"github.com/kirimhooks/kirimhooks/signature"
)

// excerpt is what the log keeps of an answer: a little, as valid text, without any secret that an endpoint might echo,
// nor the beginning of one where cut says that the reading ended early.
func excerpt(body []byte, cut bool, secrets []signature.Secret) string {
	if len(body) == 0 {
		return ""
	}
	for _, secret := range secrets {
		text := []byte(secret.Reveal())
		body = bytes.ReplaceAll(body, text, []byte("[secret]"))
		for n := len(text) - 1; cut && n > 0; n-- {
			body = bytes.TrimSuffix(body, text[:n])
		}
	}
	if len(body) > keptResponse {
		body = body[:keptResponse]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(string(body), "\uFFFD"), "\x00", "\uFFFD")
}

// errorClass is what a tenant may know of a request that got no answer.
func errorClass(err error) string {
	switch egress.Classify(err) {
	case egress.Blocked:
		return ClassBlocked
	case egress.DNS:
		return ClassDNS
	case egress.TLS:
		return ClassTLS
	case egress.Timeout, egress.Canceled:
		return ClassTimeout
	case egress.Protocol:
		return ClassProtocol
	default:
		return ClassConnect
	}
}
