# Forwards only: start.py does the work, with or without make.
.PHONY: demo test

demo:
	python3 start.py demo

test:
	python3 start.py test
