function OnStableStudy(id) end
