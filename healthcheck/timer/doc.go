// Package timer calls functions at set times, on the real clock or on a virtual one.
//
// A [Timer] calls one function, never twice at a time. It can be stopped and waited for. A
// [Clock] returns the time and makes timers; its zero value is the real clock. A virtual
// clock ([NewVirtual]) stands still until [Clock.Run], which runs the timers that are due
// in the order of their times.
//
// Each wake costs an idle process CPU time. So a timer may be given a slack, by which it
// may be early or late, and timers of one clock that can run together do.
//
// All timers of a clock belong to the same synctest bubble, or to none.
package timer
