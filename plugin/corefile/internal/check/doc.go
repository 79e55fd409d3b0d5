// Package check reads the checks of a Corefile and builds them for endpoints.
//
// A Health is what a block, a record or a pool says: its checks, and how many of
// them an endpoint must pass. Each type of check has a file with the settings that
// its line and its body say, and the table of its properties. Settings are comparable
// values: two lines that say the same have equal settings, and two checks that ask
// the same are equal when they are built. What several types have in common are
// tables of their own, which [syntax.Part] adds to the table of a type: timing.go,
// tls_options.go, dialogue.go, credentials.go, proxy_protocol.go.
//
// To add a property to a type of check:
//
//  1. Write a function that reads its line into the settings, and refuses a wrong value
//     with l.Expected. A secret is never part of an error.
//  2. Enter it in the table of the type, or in the table of the part that has it.
//  3. If its default depends on the endpoint, leave the zero value in the settings, and
//     fill the default in build.
//  4. Enter wrong values and a good one in every_test.go, which asks for them.
//
// To add a type of check:
//
//  1. Write the settings: a struct that embeds timing and the configuration of the probe.
//  2. Write readArgs for what follows TYPE (optionalTarget reads an ARG, noArgs none), and
//     build, which returns the check for a Subject.
//  3. Write its table of properties from the parts that it has.
//  4. Enter it in kinds (check.go) and in the lists of every_test.go.
package check
