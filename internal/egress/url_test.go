package egress_test

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kirimhooks/kirimhooks/internal/egress"
)

func TestParseURLAccepts(t *testing.T) {
	label := strings.Repeat("a", 63)
	for raw, canonical := range map[string]string{
		"https://example.com":                      "https://example.com",
		"https://example.com/":                     "https://example.com/",
		"HTTPS://Example.COM/Hook":                 "https://example.com/Hook",
		"https://example.com:443/a":                "https://example.com/a",
		"https://example.com/a?b=C&d={%2|}":        "https://example.com/a?b=C&d={%2|}",
		"https://example.com/a%2Fb":                "https://example.com/a%2Fb",
		"https://example.com/a[b]':(c)":            "https://example.com/a[b]':(c)",
		"https://example.com/?":                    "https://example.com/?",
		"https://example.com//a/../b":              "https://example.com//a/../b",
		"https://example.com/@x:y":                 "https://example.com/@x:y",
		"https://xn--bcher-kva.example/":           "https://xn--bcher-kva.example/",
		"https://r3---sn-x.example/":               "https://r3---sn-x.example/",
		"https://3com.example/":                    "https://3com.example/",
		"https://127.0.0.1.example/":               "https://127.0.0.1.example/",
		"https://intranet/":                        "https://intranet/",
		"https://1.1.1.1/":                         "https://1.1.1.1/",
		"https://[2606:4700:0:0::1111]/":           "https://[2606:4700::1111]/",
		"https://[2606:4700::ABCD]:443/":           "https://[2606:4700::abcd]/",
		"https://[::ffff:1.1.1.1]/":                "https://1.1.1.1/",
		"https://" + label + "." + label + ".test": "https://" + label + "." + label + ".test",
	} {
		u, err := egress.ParseURL(raw, egress.Policy{})
		require.NoError(t, err, raw)
		require.Equal(t, canonical, u.String())
	}
}

func TestParseURLWithAllow(t *testing.T) {
	policy := egress.Policy{Allow: prefixes("127.0.1.0/24", "::1/128")}
	for raw, canonical := range map[string]string{
		"http://127.0.1.1:8080/hook":    "http://127.0.1.1:8080/hook",
		"http://127.0.1.1:80/":          "http://127.0.1.1/",
		"http://127.0.1.1:443/":         "http://127.0.1.1:443/",
		"https://127.0.1.1:80/":         "https://127.0.1.1:80/",
		"https://[::1]:8443/":           "https://[::1]:8443/",
		"http://[::ffff:127.0.1.1]:81/": "http://127.0.1.1:81/",
		"http://hook.test:8080/":        "http://hook.test:8080/", // judged when dialled
		"https://1.1.1.1/":              "https://1.1.1.1/",
	} {
		u, err := egress.ParseURL(raw, policy)
		require.NoError(t, err, raw)
		require.Equal(t, canonical, u.String())
	}
	for _, raw := range []string{
		"http://1.1.1.1/", "http://1.1.1.1:443/", "https://1.1.1.1:8443/", "http://127.0.2.1:8080/", "https://127.0.2.1/",
		"http://[::2]/",
	} {
		_, err := egress.ParseURL(raw, policy)
		require.ErrorIs(t, err, egress.ErrURL, raw)
	}
}

func TestParseURLRefuses(t *testing.T) {
	const strict, number, ldh = "scheme must be https", "looks like an IP address but is none",
		"only letters, digits, hyphens"
	long := strings.Repeat("a", 64)
	for _, c := range []struct{ raw, why string }{
		{"", strict},
		{"example.com/hook", strict},
		{"//example.com/hook", strict},
		{"ftp://example.com/", strict},
		{"file:///etc/passwd", strict},
		{"gopher://example.com:70/_x", strict},
		{"unix:///run/docker.sock", strict},
		{"javascript:alert(1)", strict},
		{"http://example.com/", "use https"},
		{"http://example.com:443/", "use https"},
		{"https:example.com", "has no host"},
		{"https:/example.com", "has no host"},
		{"https:///example.com", "has no host"},
		{"https://:443/", "has no host"},
		{"https://?x", "has no host"},
		{" https://example.com/", "byte 0 is not printable"},
		{"https://example.com/ ", "not printable"},
		{"https://example.com/\n", "not printable"},
		{"https://example.com/\x00", "not printable"},
		{"https://exa\tmple.com/", "not printable"},
		{"https://example.com/\x7f", "not printable"},
		{"https://bücher.example/", "not printable"},
		{"https://①②⑦.⓪.⓪.①/", "not printable"},
		{"https://127。0。0。1/", "not printable"},
		{"https://example.com/#", "fragment"},
		{"https://example.com/#a", "fragment"},
		{"https://1.1.1.1#@127.0.0.1/", "fragment"},
		{`https://example.com\@127.0.0.1/`, "backslash"},
		{`https:\\example.com`, "backslash"},
		{"https://user@example.com/", "user name or password"},
		{"https://user:hunter2@example.com/", "user name or password"},
		{"https://example.com:443@127.0.0.1/", "user name or password"},
		{"https://@example.com/", "user name or password"},
		{"https://a@b@example.com/", "user name or password"},
		{"https://user:hunter2", "does not parse"},
		{"https://example.com/%zz", "does not parse"},
		{"https://[::1/", "does not parse"},
		{"https://[example.com]/", "does not parse"},
		{"https://example.com:/", "port is empty"},
		{"https://example.com:0/", "1 to 65535"},
		{"https://example.com:00443/", "1 to 65535"},
		{"https://example.com:65536/", "1 to 65535"},
		{"https://example.com:99999999999/", "1 to 65535"},
		{"https://example.com:22/", "port 22 is closed"},
		{"https://example.com:80/", "port 80 is closed"},
		{"https://1.1.1.1:8443/", "port 8443 is closed"},
		{"https://example.com./", "ends in a dot"},
		{"https://127.0.0.1./", "ends in a dot"},
		{"https://example..com/", "empty label"},
		{"https://.example.com/", "empty label"},
		{"https://-a.example/", "hyphen"},
		{"https://a-.example/", "hyphen"},
		{"https://xn--/", "hyphen"},
		{"https://my_app.example/", ldh},
		{"https://a*b.example/", ldh},
		{"https://a,b.example/", ldh},
		{"https://%31%32%37.0.0.1/", "does not parse"},
		{"https://%e2%91%a0.example/", ldh},
		{"https://" + long + ".example/", "longer than 63"},
		{"https://" + strings.Repeat("a.", 127) + "test/", "longer than 253"},
		{"https://2130706433/", number},
		{"https://0/", number},
		{"https://017700000001/", number},
		{"https://0x7f000001/", number},
		{"https://0X7F000001/", number},
		{"https://0x7f.0.0.1/", number},
		{"https://0177.0.0.1/", number},
		{"https://127.1/", number},
		{"https://127.0.1/", number},
		{"https://127.0.0.0x1/", number},
		{"https://127.0.0.01/", number},
		{"https://1.1.1.1.1/", number},
		{"https://1.1.1.256/", number},
		{"https://example.1/", number},
		{"https://example.0x/", number},
		{"https://[1.1.1.1]/", "does not parse"},
		{"https://[fe80::1%25lo]/", "has a zone"},
		{"https://[2606:4700::1111%25lo]/", "has a zone"},
		{"https://127.0.0.1/", "loopback"},
		{"https://169.254.169.254/latest/meta-data/", "link local"},
		{"https://168.63.129.16/", "Azure"},
		{"https://0.0.0.0/", "this network"},
		{"https://[::1]/", "outside 2000::/3"},
		{"https://[::]/", "outside 2000::/3"},
		{"https://[::ffff:127.0.0.1]/", "loopback"},
		{"https://[::ffff:7f00:1]/", "loopback"},
		{"https://[::127.0.0.1]/", "outside 2000::/3"},
		{"https://[64:ff9b::7f00:1]/", "by NAT64 it is 127.0.0.1, in 127.0.0.0/8 (loopback)"},
		{"https://[2002:7f00:1::]/", "6to4"},
		{"https://example.com/" + strings.Repeat("a", egress.MaxURL), "longer than 2048"},
		{"https://example.com/a|b", "must be percent-encoded"},
		{"https://example.com/%2F{b}", "must be percent-encoded"},
	} {
		t.Run(c.raw, func(t *testing.T) {
			u, err := egress.ParseURL(c.raw, egress.Policy{})
			require.Nil(t, u)
			require.ErrorIs(t, err, egress.ErrURL)
			require.ErrorContains(t, err, c.why)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
	_, err := egress.ParseURL("https://127.0.0.1/", egress.Policy{})
	require.ErrorIs(t, err, egress.ErrBlocked)
}

func FuzzParseURL(f *testing.F) {
	for _, raw := range []string{
		"https://example.com/a?b=c", "HTTPS://EXAMPLE.com:443", "http://10.1.0.1:8080/", "https://[::ffff:1.1.1.1]/x",
		"https://u:p@h/",
		"https://h/#", "https://h:0443/", "https://①.example/", "https://h/%2f..%00|", "https://127.1/", "https://h//x?",
		"https://[::1%25lo]/",
		"https://h/a;b=c,d(e)!$&'*+=:@", "https://h?a?b", "https://xn--a/", "https:h", "https://0x7f.1./",
		"http://[64:ff9b::10.1.2.3]:80/", "https://[64:ff9b::1.1.1.1]/",
	} {
		f.Add(raw, true)
		f.Add(raw, false)
	}
	allow := netip.MustParsePrefix("10.1.0.0/16")
	f.Fuzz(func(t *testing.T, raw string, intranet bool) {
		var policy egress.Policy
		if intranet {
			policy.Allow = []netip.Prefix{allow}
		}
		u, err := egress.ParseURL(raw, policy)
		if err != nil {
			require.ErrorIs(t, err, egress.ErrURL)
			return
		}
		text := u.String()
		again, err := egress.ParseURL(text, policy)
		require.NoError(t, err, text)
		require.Equal(t, u, again)
		require.LessOrEqual(t, len(text), len(raw))
		require.True(t, strings.HasSuffix(raw, u.RequestURI()) || u.Path == "", "path and query are kept")

		std, err := url.Parse(text)
		require.NoError(t, err)
		require.Equal(t, std.Host, u.Host)
		require.Equal(t, std.RequestURI(), u.RequestURI())
		require.Nil(t, std.User)
		require.Empty(t, std.Opaque)
		require.NotContains(t, text, "#")
		require.NotContains(t, std.Host, "%")
		require.Equal(t, strings.ToLower(std.Host), std.Host)
		if addr, err := netip.ParseAddr(std.Hostname()); err == nil {
			require.True(t, isPublic(addr) || intranet && allow.Contains(behind(addr)), text)
		}
		if !intranet {
			require.Equal(t, "https", std.Scheme)
			require.Empty(t, std.Port())
		}
	})
}
