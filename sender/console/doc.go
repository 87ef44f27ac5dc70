// Package console is the dashboard of a [sender.Sender]: an [http.Handler] that a host mounts beside its own pages.
// People see there what happened to an event, why, and repair it.
//
//	h, err := console.New(s, console.Config{
//		Org:     func(r *http.Request) (string, error) { return tenantOf(r) }, // your own session
//		Changes: func(r *http.Request) bool { return mayChange(r) },
//	})
//	mux.Handle("/console/", authenticated(http.StripPrefix("/console", h)))
//
// # Who sees what
//
// The console authenticates nobody: the host's middleware does, and Config.Org names the one organisation that a
// request may see. All that a page shows or changes goes through [sender.Sender.Org] with that name. It is read-only
// unless Config.Changes allows more. [Link] makes an address that shows one organisation its webhooks for a limited
// time, without a session.
//
//	address, err := console.Link("https://app.example.com/hooks", key, console.Grant{
//		Org: "acme", Expires: time.Now().Add(time.Hour), Changes: true,
//	})
//
// # Where it is mounted
//
// Under any path, with or without its final slash, behind [http.StripPrefix] or with Config.Prefix: every link in its
// pages is relative. A proxy before the host that removes a part of the path must keep the final slash.
//
// # In the browser
//
// Pages are made by html/template, work without JavaScript, and load nothing from elsewhere. Their
// Content-Security-Policy allows no inline script or style. Each change passes [http.CrossOriginProtection]. Secrets
// are shown once, when they are made, and headers that a subscription adds are shown by name alone.
package console
