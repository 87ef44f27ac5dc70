package dashboard

import "time"

// Moment is a point in time as a page shows it: in words, and exact where a pointer rests on it.
type Moment struct {
	ISO   string // for machines; "" for the zero time
	Exact string
	Words string
}

// Moment tells when at is.
func (l *Language) Moment(at time.Time) Moment {
	if at.IsZero() {
		return Moment{Words: "–"}
	}
	at = at.UTC()
	return Moment{
		ISO:   at.Format(time.RFC3339Nano),
		Exact: at.Format("2006-01-02 15:04:05.000 UTC"),
		Words: l.Since(at, time.Now().UTC()),
	}
}

// Since says how long ago, or how soon, at is. What is more than a week away has a date.
func (l *Language) Since(at, now time.Time) string {
	away := now.Sub(at)
	key := "time.ago"
	if away < 0 {
		key, away = "time.in", -away
	}
	switch {
	case away < 5*time.Second:
		return l.Say("time.now")
	case away >= 7*24*time.Hour && at.Year() == now.Year():
		return l.day(at)
	case away >= 7*24*time.Hour:
		return l.day(at) + at.Format(" 2006")
	}
	return l.Say(key, l.Span(away))
}

func (l *Language) day(at time.Time) string {
	return at.Format("2 ") + l.Say("month."+at.Format("1"))
}

// Span is a duration, roughly.
func (l *Language) Span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return l.Say("time.s", int(d.Seconds()))
	case d < time.Hour:
		return l.Say("time.min", int(d.Minutes()))
	case d < 48*time.Hour:
		return l.Say("time.h", int(d.Hours()))
	}
	return l.Say("time.d", int(d.Hours()/24))
}

// Lasted is a duration, finely.
func (l *Language) Lasted(d time.Duration) string {
	switch {
	case d <= 0:
		return "–"
	case d < 10*time.Millisecond:
		return l.Say("time.ms.fine", float64(d.Microseconds())/1000)
	case d < time.Second:
		return l.Say("time.ms", d.Milliseconds())
	}
	return l.Say("time.s.fine", d.Seconds())
}
