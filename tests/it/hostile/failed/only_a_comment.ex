# 
# There is nothing here.
