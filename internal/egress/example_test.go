package egress_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"github.com/kirimhooks/kirimhooks/internal/egress"
)

func ExamplePolicy_Check() {
	var strict egress.Policy
	intranet := egress.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	address := netip.MustParseAddrPort("10.1.2.3:8443")
	fmt.Println(strict.Check(address))
	fmt.Println(intranet.Check(address))
	// Output:
	// egress: blocked: 10.1.2.3 is not public: 10.0.0.0/8 (private use)
	// <nil>
}

func ExampleParseURL() {
	for _, raw := range []string{
		"https://Hooks.Example.com:443/kirim",
		"http://hooks.example.com/kirim",
		"https://2130706433/",
	} {
		fmt.Println(egress.ParseURL(raw, egress.Policy{}))
	}
	// Output:
	// https://hooks.example.com/kirim <nil>
	// <nil> egress: unusable url: plain http shows every payload on the way; use https
	// <nil> egress: unusable url: the host looks like an IP address but is none; write 192.0.2.1 or [2001:db8::1] in full decimal or hex form
}

func ExampleNewTransport() {
	transport := egress.NewTransport(egress.Policy{}, egress.Options{})
	defer transport.CloseIdleConnections()
	req, err := http.NewRequest(http.MethodPost, "https://127.0.0.1/hook", strings.NewReader("{}"))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = transport.RoundTrip(req)
	fmt.Println(egress.Classify(err))
	fmt.Println(egress.Describe(err))
	// Output:
	// blocked
	// dial tcp 127.0.0.1:443: egress: blocked: 127.0.0.1 is not public: 127.0.0.0/8 (loopback)
}
