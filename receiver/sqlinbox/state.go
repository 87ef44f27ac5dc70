package sqlinbox

import "strconv"

// State is where an event stands.
type State int

// The states of an event.
const (
	Waiting   State = iota + 1 // for its first run, its next, or its turn in its lane
	Running                    // a process has it
	Done                       // the handler returned nil
	Dead                       // failed for good; kept for [Config.DeadRetention]
	Cancelled                  // by [Inbox.Cancel]
)

// String returns "waiting", "running", "done", "dead" or "cancelled".
func (s State) String() string {
	switch s {
	case Waiting:
		return "waiting"
	case Running:
		return "running"
	case Done:
		return "done"
	case Dead:
		return "dead"
	case Cancelled:
		return "cancelled"
	}
	return "State(" + strconv.Itoa(int(s)) + ")"
}

// Stages are what is stored. An event with a lane arrives, is given its place, and becomes next when the one before it
// has ended; an ended one keeps the lane until route hands it on. So a lane has at most one event in stages 2 to 5.
// Only route, which one process at a time does, and the operator's methods, which take its turn, change any other
// stage.
const (
	stageArrived   int64 = iota // has a lane and no place
	stageBehind                 // another of the lane is before it
	stageNext                   // runs when it is due; running if it has a token and its lease lasts
	stageDone                   // ended, and has the lane
	stageDead                   //
	stageCancelled              //
	over                        // what is added to stageDone and so on when the lane is handed on is over - stageDone
)

const handedOn = over - stageDone

// ended is the stage of an event that ends.
func ended(s State, lane string) int64 {
	stage := stageDone + int64(s-Done)
	if lane == "" {
		stage += handedOn
	}
	return stage
}

func stateOf(stage int64, running bool) State {
	switch {
	case stage < stageNext, stage == stageNext && !running:
		return Waiting
	case stage == stageNext:
		return Running
	case stage >= over:
		stage -= handedOn
	}
	return Done + State(stage-stageDone)
}
