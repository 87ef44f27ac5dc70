package egress

import (
	"net/netip"
	"strings"
)

const (
	maxHost  = 253
	maxLabel = 63
)

// canonicalHost returns host as it is written in a URL. addr is valid if it is an IP literal.
func canonicalHost(host string, bracketed bool) (canonical string, addr netip.Addr, err error) {
	if bracketed || endsInNumber(host) {
		addr, err := netip.ParseAddr(host)
		switch {
		case err != nil || addr.Is6() != bracketed:
			return "", netip.Addr{}, badURL("the host looks like an IP address but is none; write 192.0.2.1 or [2001:db8::1] in full decimal or hex form")
		case addr.Zone() != "":
			return "", netip.Addr{}, badURL("the IP address has a zone; remove %% and what follows")
		}
		// Dialling a mapped address dials the IPv4 one, so that is what the URL shows.
		addr = addr.Unmap()
		if addr.Is6() {
			return "[" + addr.String() + "]", addr, nil
		}
		return addr.String(), addr, nil
	}
	if err := checkName(host); err != nil {
		return "", netip.Addr{}, err
	}
	return strings.ToLower(host), netip.Addr{}, nil
}

// endsInNumber reports whether some resolver might take host for an IPv4 address: 2130706433, 0x7f.1, 127.1 and
// 0177.0.0.1 are all loopback to one of them.
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.HasPrefix(last, "0x") || strings.HasPrefix(last, "0X") {
		return true
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

func checkName(host string) error {
	if strings.HasSuffix(host, ".") {
		// Certificates and virtual hosts know the name without it.
		return badURL("the host ends in a dot; remove it")
	}
	if len(host) > maxHost {
		return badURL("the host is longer than %d bytes", maxHost)
	}
	for label := range strings.SplitSeq(host, ".") {
		switch {
		case label == "":
			return badURL("the host has an empty label; remove the extra dot")
		case len(label) > maxLabel:
			return badURL("a label of the host is longer than %d bytes", maxLabel)
		case label[0] == '-' || label[len(label)-1] == '-':
			return badURL("a label of the host begins or ends with a hyphen")
		}
		for i := range len(label) {
			if !isLDH(label[i]) {
				return badURL("the host may hold only letters, digits, hyphens and dots; write an international one as xn--")
			}
		}
	}
	return nil
}

func isLDH(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-'
}
