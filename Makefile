# Two targets are for everybody; each installs what it needs (Debian 12, cargo from rustup).
.PHONY: help demo test fmt check advisories

help:
	@echo "make demo    import real public data, show the report, one clue's story and the proof"
	@echo "make test    every check and test, with a private Kafka and PostgreSQL"
	@echo "helpers: fmt (format), check (lints, licences), advisories (known holes; asks GitHub)"

demo:
	@deploy/demo

test:
	@deploy/test

check:
	@deploy/test --check

fmt:
	@cargo fmt --all

advisories:
	@deploy/local/require deny
	@target/tools/bin/cargo-deny --workspace --locked check advisories
