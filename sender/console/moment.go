package console

import "time"

// moment is a point in time as a page shows it: in words, and exact where a pointer rests on it.
type moment struct {
	ISO   string // for machines; "" for the zero time
	Exact string
	Words string
}

func (l *language) moment(at time.Time) moment {
	if at.IsZero() {
		return moment{Words: "–"}
	}
	at = at.UTC()
	return moment{
		ISO:   at.Format(time.RFC3339Nano),
		Exact: at.Format("2006-01-02 15:04:05.000 UTC"),
		Words: l.since(at, time.Now().UTC()),
	}
}

// since says how long ago, or how soon, at is. What is more than a week away has a date.
func (l *language) since(at, now time.Time) string {
	away := now.Sub(at)
	key := "time.ago"
	if away < 0 {
		key, away = "time.in", -away
	}
	switch {
	case away < 5*time.Second:
		return l.say("time.now")
	case away >= 7*24*time.Hour && at.Year() == now.Year():
		return l.day(at)
	case away >= 7*24*time.Hour:
		return l.day(at) + at.Format(" 2006")
	}
	return l.say(key, l.span(away))
}

func (l *language) day(at time.Time) string {
	return at.Format("2 ") + l.say("month."+at.Format("1"))
}

// span is a duration, roughly.
func (l *language) span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return l.say("time.s", int(d.Seconds()))
	case d < time.Hour:
		return l.say("time.min", int(d.Minutes()))
	case d < 48*time.Hour:
		return l.say("time.h", int(d.Hours()))
	}
	return l.say("time.d", int(d.Hours()/24))
}

// lasted is a duration of an attempt.
func (l *language) lasted(d time.Duration) string {
	switch {
	case d <= 0:
		return "–"
	case d < 10*time.Millisecond:
		return l.say("time.ms.fine", float64(d.Microseconds())/1000)
	case d < time.Second:
		return l.say("time.ms", d.Milliseconds())
	}
	return l.say("time.s.fine", d.Seconds())
}
