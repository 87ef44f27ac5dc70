package egress

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ErrURL is wrapped by every refusal of [ParseURL] and [CheckProxy]. The text names the fault and the remedy and shows
// neither userinfo nor path nor query.
var ErrURL = errors.New("egress: unusable url")

// urlError is a refusal of a URL, also of [ErrBlocked] where the policy refuses its address.
type urlError struct {
	why     string
	blocked bool
}

func (e *urlError) Error() string { return ErrURL.Error() + ": " + e.why }

func (e *urlError) Is(kind error) bool { return kind == ErrURL || e.blocked && kind == ErrBlocked }

// Why is what err says of a URL, for a sentence that says already that it is about one.
func Why(err error) string {
	var bad *urlError
	if errors.As(err, &bad) {
		return bad.why
	}
	return err.Error()
}

// MaxURL is the longest URL that [ParseURL] takes, in bytes. The canonical form is never longer than what was read.
const MaxURL = 2048

// ParseURL reads a destination a customer typed and returns its one canonical spelling: scheme and host in lower case,
// an IP literal in its shortest form, the default port dropped. Parsing the result's String again gives the same URL,
// and the host it shows is the host that is dialled. Path and query stay as they are; nothing is trimmed or repaired.
//
// It asks no DNS, so a name is judged when it is dialled. An IP literal is judged here by p. Plain http and ports
// other than those of p are refused unless the literal is in p.Allow or, for a name, p.Allow is not empty.
//
// Refused too: userinfo, a fragment (an empty one as well), backslashes, anything but printable ASCII. So are paths
// with a character that should be percent-encoded. A host is a strict IP literal, or letters, digits and hyphens
// between dots. International names go in as xn--.
func ParseURL(raw string, p Policy) (*url.URL, error) {
	if err := checkText(raw); err != nil {
		return nil, err
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil: // its text quotes raw, and so perhaps a password
		return nil, badURL("it does not parse; write it as https://host/path")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, badURL("the scheme must be https")
	case u.User != nil:
		return nil, badURL("it holds a user name or password; send credentials in a header")
	case u.Hostname() == "":
		return nil, badURL("it has no host; write it as https://host/path")
	case u.RawPath != "" && u.EscapedPath() != u.RawPath: // String would escape anew, and turn %2F into /
		return nil, badURL("the path has a character that must be percent-encoded, such as < > { } | ^")
	}
	host, addr, err := canonicalHost(u.Hostname(), strings.HasPrefix(u.Host, "["))
	if err != nil {
		return nil, err
	}
	port, err := canonicalPort(u)
	if err != nil {
		return nil, err
	}
	if err := checkDestination(u.Scheme, addr, port, p); err != nil {
		return nil, err
	}
	if port != defaultPort(u.Scheme) {
		host += ":" + strconv.Itoa(int(port))
	}
	u.Host = host
	return u, nil
}

func checkText(raw string) error {
	if len(raw) > MaxURL {
		return badURL("it is longer than %d bytes; shorten it", MaxURL)
	}
	for i := range len(raw) {
		switch c := raw[i]; {
		case c == '#':
			return badURL("it has a fragment, which is never sent; remove # and what follows")
		case c == '\\':
			return badURL("it has a backslash; write / or %%5C")
		case c <= ' ' || c > '~':
			return badURL("byte %d is not printable ASCII; percent-encode it, and write an international host as xn--", i)
		}
	}
	return nil
}

// checkDestination holds the text against the policy. addr is the zero Addr for a name, which is judged when dialled:
// it may yet turn out to be in Allow.
func checkDestination(scheme string, addr netip.Addr, port uint16, p Policy) error {
	open := p.allows(addr) || !addr.IsValid() && len(p.Allow) > 0
	switch {
	case scheme != "https" && !open:
		return badURL("plain http shows every payload on the way; use https")
	case !p.opens(port) && !open:
		return badURL("port %d is closed; only %s may be used", port, p.openPorts())
	case addr.IsValid():
		if why := p.refusal(netip.AddrPortFrom(addr, port)); why != "" {
			return &urlError{why: why, blocked: true}
		}
	}
	return nil
}

func canonicalPort(u *url.URL) (uint16, error) {
	text := u.Port()
	if text == "" {
		if strings.HasSuffix(u.Host, ":") {
			return 0, badURL("the port is empty; remove the colon")
		}
		return defaultPort(u.Scheme), nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || text[0] == '0' {
		return 0, badURL("the port must be 1 to 65535 without leading zeros")
	}
	return uint16(port), nil
}

func defaultPort(scheme string) uint16 {
	if scheme == "http" {
		return 80
	}
	return httpsPort
}

func badURL(format string, args ...any) error { return &urlError{why: fmt.Sprintf(format, args...)} }
