// Package egress is the one door through which requests leave the process. Nothing else dials.
//
// Customers choose where webhooks go, so every destination is hostile until shown otherwise. The decision falls in one
// place, [Policy.CheckDial], called by [net.Dialer] with the very address a socket is about to connect to: after DNS,
// once per candidate address, for every connection. Whatever the URL said, whatever DNS answered a moment ago, no
// socket connects to an address the policy refuses.
//
// [ParseURL] refuses a bad URL early, with a reason a person can act on. It is a courtesy: it reads text and never asks
// DNS, and nothing relies on it.
//
// # What Transport promises
//
//   - No connection outside the policy: public addresses over TLS, on port 443 or those of Policy.Ports; prefixes in
//     Policy.Allow on any port, http too.
//   - An address that a NAT64 translates counts as the IPv4 address behind it, in 64:ff9b::/96 and those of
//     Policy.NAT64.
//   - Proxies of the environment are ignored: a proxy dials for us, past the policy. One that is configured,
//     Options.Proxy, is dialled and nothing else; it decides on addresses, and TLS to the endpoint runs through it.
//   - At most one request on the wire per RoundTrip; redirects are returned, never followed: either would send a signed
//     body once more or elsewhere.
//   - HTTP/1.1 only; TLS 1.2 or newer, always verified; at most 64 KiB of response headers, informational ones
//     included; bodies are never decompressed.
//   - The request's context bounds everything: dial, TLS, headers and the body read with [ReadBody].
//
// # What it does not
//
// What an endpoint sends unasked on a kept connection net/http writes to the standard logger, quoted and at most 4 KiB.
// It may be an echo of the request: set Request.Close where that holds a secret.
package egress
