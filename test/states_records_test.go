package test

// patient is the timing of checks that do not fail because the machine is busy.
const patient = `
	interval 1s
	timeout 1s
	fast_interval 20ms
	fall 4
	rise 1
`

// stateRecords are records with two pools, whose endpoints are probed at two targets.
const stateRecords = `
	failover {
		ttl 7
		check http :$web {
			host app.test
			damping off
			` + patient + `
		}
		record app *.apps {
			$pools
			all_down all
		}
		record gone {
			$pools
			all_down nodata
		}
		record failed {
			$pools
			all_down servfail
		}
		record passed {
			$pools
			all_down next
		}
		FOUND
		record four {
			primary {
				endpoint 192.0.2.1 probe $a
			}
			secondary {
				endpoint 198.51.100.1 probe $b
			}
		}
	}
`

const statePair = `
	primary {
		endpoint 192.0.2.1 probe $a
		endpoint 2001:db8::1 probe $a
		endpoint 192.0.2.2 probe $a
	}
	secondary {
		endpoint 2001:db8::2 probe $b
		endpoint 198.51.100.1 probe $b
		endpoint 2001:db8::3 probe $b
	}
`

// foundRecords are records whose first pool is looked up.
const foundRecords = `
	record chain {
		primary next
		$standby
	}
	record host {
		primary target.ZONE
		$standby
	}
	record alias {
		primary target.ZONE {
			as cname
		}
		$standby
	}
`

// recordsOfStates is the number of stateRecords in a block, and recordsOfOurs the number of
// those without lookups.
const recordsOfStates, recordsOfOurs = 9, 6

// stateZoneFile is a zone file with other data for the names of the records.
const stateZoneFile = zoneFile + `
app TXT t
app HTTPS 1 . alpn=h2
app A 127.9.9.9
www CNAME app
far CNAME x.apps
other TXT o
passed A 127.9.9.9
chain A $a
target A $a
target TXT target
_x._tcp SRV 1 2 80 app
@ MX 10 app
`
