// Package timer runs functions at a time, on the real clock or on a virtual one.
//
// A [Timer] runs one function, never twice at once, and can be stopped and
// waited for. A [Clock] tells the time and wakes its timers; its zero value is
// the real clock. A virtual clock, from [NewVirtual], stands still until it is
// told to go on, and then runs what is due in the order of its times, so that a
// year takes no longer than what happens in it.
//
// An idle process pays for each wake, so a timer may say by how much it may be
// early or late: timers of one clock that can share a moment share it.
//
// Timers of a clock belong to one synctest bubble, or to none.
package timer
