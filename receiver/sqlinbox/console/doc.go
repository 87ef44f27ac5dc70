// Package console is the dashboard of a [sqlinbox.Inbox]: an [http.Handler] that an integrator mounts beside other
// pages. People see there what waits, which lanes are blocked and why, and what is dead; and run it again.
//
//	h, err := console.New(inbox, console.Config{
//		Changes: func(r *http.Request) bool { return mayChange(r) }, // your own session
//	})
//	mux.Handle("/inbox/", authenticated(http.StripPrefix("/inbox", h)))
//
// # Who sees what
//
// The console authenticates nobody: whoever reaches it sees every event of the inbox with its body. Let your own
// middleware stand before it. It is read-only unless Config.Changes allows more.
//
// # Where it is mounted
//
// Under any path, with or without its final slash, behind [http.StripPrefix] or with Config.Prefix: every link in its
// pages is relative. A proxy before the host that removes a part of the path must keep the final slash.
//
// # In the browser
//
// Pages are made by html/template, work without JavaScript, and load nothing from elsewhere. Their
// Content-Security-Policy allows no inline script or style. Each change passes [http.CrossOriginProtection]. An inbox
// keeps no signature and no secret, so that none is shown.
package console
