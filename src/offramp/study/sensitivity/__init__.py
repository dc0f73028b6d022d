"""Which uncertain assumptions carry the answer? (sensitivity analysis)"""
