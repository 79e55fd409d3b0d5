// Package check reads the checks of a Corefile and builds them for endpoints.
//
// A [Health] is the checks of a block, a record or a pool, and how many of them an
// endpoint must pass. Each type of check has a file with its settings, which its line and
// its body set, and with the table of its properties. Settings are comparable: two equal
// lines have equal settings, and two equal checks are equal when they are built.
// Properties that several types have are in tables of their own, which [syntax.Part] adds
// to the table of a type: timing.go, tls_options.go, dialogue.go, credentials.go,
// proxy_protocol.go.
//
// # To add a property to a type of check
//
//  1. Write a function that reads its line into the settings, and refuses a wrong value
//     with l.Expected. A secret is never part of an error.
//  2. Add it to the table of the type, or to the table of the part that has it.
//  3. If its default depends on the endpoint, keep the zero value in the settings, and set
//     the default in build.
//  4. In every_test.go, add wrong values, without which its test fails, and a good value.
//
// # To add a type of check
//
// The probe comes first: see the documentation of package probe.
//
//  1. Write the settings in a file named after the type: a struct that embeds timing and
//     the check of package probe.
//  2. Write readArgs, which reads what follows TYPE (optionalTarget reads an ARG,
//     refuseArgs accepts none), and build, which returns the check for a [Subject].
//  3. Write its table of properties. [syntax.Part] adds the parts that it has.
//  4. Add it to kinds in check.go, and to checkLines in every_test.go.
package check
