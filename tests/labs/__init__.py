"""The labs: what a check says, how a notebook is made from its master, and the proof of every lab."""
