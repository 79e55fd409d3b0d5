package override

// An Error is why nothing was changed.
type Error struct {
	Kind    ErrorKind
	Field   string // of the Request, if one is wrong
	Text    string
	Effects []Effect // of what was refused as too bold
}

// Error implements error.
func (e *Error) Error() string { return e.Text }

// An ErrorKind says whose fault an Error is.
type ErrorKind uint8

// The kinds of errors.
const (
	Invalid  ErrorKind = iota // a field is wrong
	NotFound                  // there is no such record, pool, endpoint or override
	Refused                   // nothing healthy would be left to answer; Request.Force does it all the same
	NotSaved                  // it could not be written to where a restart finds it
)
